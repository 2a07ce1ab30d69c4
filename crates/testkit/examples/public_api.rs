//! Lists the public items of libraries. Takes pairs of files: what rustdoc wrote as JSON, and the list to compare with
//! (`UPDATE_EXPECT=1` rewrites it). `cargo xtask test api` runs this.

use std::env;
use std::error::Error;

use public_api::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    for pair in arguments.chunks_exact(2) {
        let api = Builder::from_rustdoc_json(&pair[0])
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()?;
        testkit::check_file(&pair[1], &api.to_string());
    }
    Ok(())
}
