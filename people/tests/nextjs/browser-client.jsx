// What an application does with next-auth/react, for a test to call and to look at.
import * as client from 'next-auth/react'
import { createRoot } from 'react-dom/client'

function Shown() {
  const { data, status, update } = client.useSession()
  globalThis.client = { ...client, update }
  return (
    <p id="shown">
      {status} {data?.user.email ?? 'nobody'}
    </p>
  )
}

createRoot(document.getElementById('root')).render(
  <client.SessionProvider>
    <Shown />
  </client.SessionProvider>,
)
