/** The two lines that the fund puts before sw.js. */
declare const VERSION: string;
declare const ASSETS: string[];
