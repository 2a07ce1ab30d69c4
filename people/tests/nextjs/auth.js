// Auth.js as its documentation sets it up: database sessions, links by mail, Prisma. Settings come from the environment:
// AUTH_URL, AUTH_SECRET, DATABASE_URL, EMAIL_SERVER, EMAIL_FROM.
import { PrismaAdapter } from '@auth/prisma-adapter'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import NextAuth from 'next-auth'
import Email from 'next-auth/providers/email'

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })

export const { handlers, auth } = NextAuth({
  adapter: PrismaAdapter(prisma),
  providers: [Email({ server: process.env.EMAIL_SERVER, from: process.env.EMAIL_FROM })],
})
