// dt-sql-parser is written for bundlers: its imports lack the ends of file names, and nothing says that it is of modules.
export async function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') || !context.parentURL?.includes('/dt-sql-parser/')) return next(specifier, context)
  try {
    return await next(specifier + '.js', context)
  } catch {
    return next(specifier + '/index.js', context)
  }
}

export async function load(url, context, next) {
  return next(url, url.includes('/dt-sql-parser/') ? { ...context, format: 'module' } : context)
}
