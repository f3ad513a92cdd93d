/** Written into every entry; the same as in pyproject.toml (a test compares them). */
export const APP_VERSION = '0.1.0';
