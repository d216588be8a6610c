/** The scripts of the shells. Each asks the command itself, in the form `conform --complete WORD…`, and else completes files. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const BASH = `_conform_complete() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" --complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  # After a section such as frame/ the id follows without a space.
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
}
complete -o bashdefault -o default -F _conform_complete conform tasksubmit-conform
`;

const ZSH = `_conform_complete() {
  local -a found
  found=("\${(@f)$("\${words[1]}" --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} == 0 )); then
    _files
  else
    compadd -S '' -- \${(M)found:#*/}
    compadd -- \${found:#*/}
  fi
}
compdef _conform_complete conform tasksubmit-conform
`;

const FISH = `function __conform_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] --complete $words[2..-1] 2>/dev/null)
  if test (count $found) -eq 0
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c conform -f -a '(__conform_complete)'
complete -c tasksubmit-conform -f -a '(__conform_complete)'
`;

export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
