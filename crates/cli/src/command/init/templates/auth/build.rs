//! Generates the client from the schema, and lets it keep the rows of sign-in.

fn main() -> Result<(), nicol_codegen::BuildError> {
    nicol_codegen::Build::new("prisma/schema.prisma").auth_adapter().run()
}
