// Before anything is drawn: the colours and the language of this browser's last choice, so that nothing flashes.
try {
  var theme = localStorage.getItem('tocsin-theme')
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
  var locale = localStorage.getItem('tocsin-locale')
  if (locale) document.documentElement.lang = locale
} catch (noStorage) {
  // A browser that keeps nothing gets what the system prefers, a moment later.
}
