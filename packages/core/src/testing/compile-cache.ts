/**
 * What a process needs in its environment to load what the run has compiled already: for one that is started with nothing else of
 * ours in it. Empty where the run keeps nothing.
 *
 * @example
 * spawn(process.execPath, [script], { env: { PATH: '/usr/bin', ...compileCache() } })
 */
export function compileCache(): { readonly NODE_COMPILE_CACHE?: string } {
  const folder = process.env['NODE_COMPILE_CACHE']
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}
