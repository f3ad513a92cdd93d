/** Files that leave this phone. */

/**
 * Through the phone's own list of apps where it takes such files, else as a download.
 * @param {File} file
 * @returns {Promise<boolean>} false when nobody took it in the end
 */
export async function handOver(file) {
  const shared = await share(file);
  if (shared !== null) return shared;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}

/** Whether it was taken; null where the browser will not share it. @param {File} file @returns {Promise<boolean | null>} */
async function share(file) {
  if (!navigator.canShare?.({ files: [file] })) return null;
  return navigator.share({ files: [file] }).then(
    () => true,
    (error) => (error.name === 'AbortError' ? false : null),
  );
}
