import { Adapter } from './adapter.mjs'

export default {
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => new Adapter(process.env.DATABASE_URL),
}
