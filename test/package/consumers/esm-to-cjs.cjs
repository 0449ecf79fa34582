// Jest's default runner reads ES modules of packages only after a transform like this one.
const { transformSync } = require('esbuild');

// It knows no `import()` either.
const options = { format: 'cjs', target: 'node22', sourcemap: true, supported: { 'dynamic-import': false } };
module.exports = { process: (code, sourcefile) => transformSync(code, { ...options, sourcefile }) };
