//! Tests of requests: their types are those of Prisma, and what Prisma refuses is refused.

mod reference;
mod validation;
