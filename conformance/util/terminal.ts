/** Control sequences of terminals. */

/** Returns to the start of the line and erases it, so that the next text replaces it. */
export const ERASE_LINE = '\r\u001b[2K';

/** Erases what is in view, and moves to the top. What was scrolled out of view stays. */
export const CLEAR_SCREEN = '\u001b[H\u001b[2J';
