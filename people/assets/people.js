// What pages can do beyond their links and forms. Every page works without it.
