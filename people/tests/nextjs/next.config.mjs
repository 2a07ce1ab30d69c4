export default {
  // Without it the lock file of a folder above would count.
  outputFileTracingRoot: import.meta.dirname,
  // Prisma brings WebAssembly, which is loaded from its package.
  serverExternalPackages: ['@prisma/client', '@prisma/adapter-pg'],
}
