/** Hands text to the browser as a file to keep. */
export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Safari reads the address after the click returned; a minute is what FileSaver.js settled on being safe.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
