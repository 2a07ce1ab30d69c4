import { auth } from '../auth.js'

// Where a page of the application learns who is signed in, without a request to /api/auth.
export default async function Page() {
  const session = await auth()
  return <p>{session ? `signed in as ${session.user.email}` : 'signed out'}</p>
}
