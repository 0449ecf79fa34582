// Jest's default runner reads ES modules of packages only after a transform like this one.
const { transformSync } = require('esbuild');

module.exports = { process: (code) => transformSync(code, { format: 'cjs', target: 'node22' }) };
