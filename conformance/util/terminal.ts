/** Control sequences of terminals. */

/** Returns to the start of the line and erases it, so that the next text replaces it. */
export const ERASE_LINE = '\r\u001b[2K';
