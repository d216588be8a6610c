/** What clients treat wrongly, in words that a report shows. Scenarios with one text fail by one defect. */

/** A connection that the server ends, or that is none. */
export const CONNECTION = 'a connection that ended too early';
/** What never comes. */
export const TIME = 'a server that does not go on';
/** Texts of exactly their bound, and longer ones. */
export const AT_BOUND = 'a text of exactly its bound';
export const OVER_BOUND = 'a text over its bound';
/** The fault of a client that sends another text than the one given. */
export const CHANGES_TEXT = 'the client changes a text that it sends';
