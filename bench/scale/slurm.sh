#!/bin/bash
# Runs one campaign as a single process and as an array of 8 tasks of a real Slurm on this machine, on two servers: one that takes
# 100 ms for an answer, and one whose answers need the CPU. Prints the table of docs/scale.md. Exit status 0: the merged shards
# have the cases and the digest of the single run.
#
#   npm run build && bash bench/scale/slurm.sh
#
# Needs Debian or Ubuntu, and root: it installs slurm-wlm and munge if they are absent, keeps their keys, configuration, state
# and logs in a temporary folder, and ends what it started by process id. DELAYED_RUNS and RUNS are the numbers of cases.

set -eu -o pipefail
cd "$(dirname "$0")/../.."
root=$PWD
shards=8
delayed_runs=${DELAYED_RUNS:-6000}
runs=${RUNS:-16000}
delay_ms=100

if [ "$(id -u)" -ne 0 ]; then
  echo "slurm.sh: it starts the daemons of Slurm, and needs root" >&2
  exit 2
fi
if [ ! -f dist/cli.js ]; then
  echo "slurm.sh: dist/cli.js is absent: run npm run build first" >&2
  exit 2
fi
if ! { command -v slurmctld && command -v slurmd && command -v munged && command -v sbatch; } >/dev/null; then
  # The packages start services of their own where there is a service manager; these are not used.
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >&2
fi

work=$(mktemp -d)
chmod 755 "$work"
pids=()
finish() {
  status=$?
  trap - EXIT
  # The last one that was started ends first.
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    kill "${pids[at]}" 2>/dev/null || true
    wait "${pids[at]}" 2>/dev/null || true
  done
  if [ "$status" -ne 0 ]; then tail -n 20 "$work"/*.log >&2 || true; fi
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

mkdir "$work/bin" "$work/state" "$work/spool"
printf '#!/bin/sh\nexec %q %q "$@"\n' "$(command -v node)" "$root/dist/cli.js" >"$work/bin/conform"
chmod 755 "$work/bin/conform"
export PATH="$work/bin:$PATH"

free_port() {
  node -e "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); })"
}

# Waits until a command succeeds, a minute at the most.
await() {
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  echo "slurm.sh: not within a minute: $*" >&2
  return 1
}

# --- Slurm: one node with 8 slots, however many cores there are.
host=$(hostname -s)
head -c 1024 /dev/urandom >"$work/munge.key"
chmod 400 "$work/munge.key"
cat >"$work/slurm.conf" <<CONF
ClusterName=conform
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
NodeName=$host NodeAddr=127.0.0.1 CPUs=$shards RealMemory=65536 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"

munged --foreground --force --num-threads=4 --key-file="$work/munge.key" --socket="$work/munge.socket" \
  --pid-file="$work/munge.pid" --log-file="$work/munge.log" --seed-file="$work/munge.seed" 2>>"$work/munge.log" &
pids+=($!)
await test -S "$work/munge.socket"
slurmctld -D -c 2>>"$work/slurmctld.log" &
pids+=($!)
await scontrol ping
slurmd -D -N "$host" 2>>"$work/slurmd.log" &
pids+=($!)
is_idle() { [ "$(sinfo -h -o %T)" = idle ]; }
await is_idle

# --- The servers.
conform serve --port 0 --log-level silent >"$work/serve.log" &
pids+=($!)
await grep -q listening "$work/serve.log"
fast=$(sed -n 's/.*listening on \([^;]*\);.*/\1/p' "$work/serve.log")
node bench/scale/delay.mjs "${fast##*:}" "$delay_ms" >"$work/delay.log" &
pids+=($!)
await grep -q . "$work/delay.log"
delayed="127.0.0.1:$(cat "$work/delay.log")"

now_ms() { date +%s%3N; }
digest_in() { sed -n 's/^base lane: \(.*\)$/\1/p' "$1"; }

# --- One campaign on one server: as a single process, as an array, and merged. Prints a row.
measure() {
  local name=$1 target=$2 cases=$3 results="$work/$1"
  mkdir -p "$results/corpus"
  local begin end single array
  begin=$(now_ms)
  conform fuzz --target "$target" --runs "$cases" --seed 7 --jobs 8 --feedback 0 \
    --findings "$results/findings" >"$results/single.txt"
  end=$(now_ms)
  single=$((end - begin))
  begin=$(now_ms)
  # The script of docs/deploy/slurm, with the same number of connections for each task.
  sed 's/--seed/--jobs 8 --feedback 0 --seed/' docs/deploy/slurm/campaign.sbatch >"$results/campaign.sbatch"
  TARGET=$target RESULTS=$results RUNS=$cases sbatch --wait --quiet --chdir="$results" "$results/campaign.sbatch"
  # Until the last state was written: sbatch --wait looks at the job only every half minute.
  end=$(stat -c %.3Y "$results"/shard-*.json | sort -n | tail -n 1 | tr -d .)
  array=$((end - begin))
  conform fuzz --merge "$results"/shard-*.json --findings "$results/merged" >"$results/merged.txt"
  local one all
  one=$(digest_in "$results/single.txt")
  all=$(digest_in "$results/merged.txt")
  if [ "$one" != "$all" ]; then
    echo "slurm.sh: $name: the shards have $all, and the single run $one" >&2
    cp "$results"/*.log "$work" 2>/dev/null || true
    return 1
  fi
  node -e '
    const [name, cases, single, array, digest] = process.argv.slice(1);
    const seconds = (ms) => (ms / 1000).toFixed(1);
    console.log(`| ${name} | ${cases} | ${seconds(single)} | ${seconds(array)} | ${(single / array).toFixed(1)} | ${digest} |`);
  ' "$name" "$cases" "$single" "$array" "${one##* }"
}

echo "$(sinfo --version), $shards tasks of 8 connections; $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg); $(date +%F)"
echo
echo "| server | cases | seconds, one process | seconds, $shards tasks | speed-up | digest of both |"
echo "| --- | ---: | ---: | ---: | ---: | --- |"
measure "$delay_ms-ms" "$delayed" "$delayed_runs"
measure "this-machine" "$fast" "$runs"
