//! Generates the client from the schema.

fn main() -> Result<(), nicol_codegen::BuildError> {
    nicol_codegen::build("prisma/schema.prisma")
}
