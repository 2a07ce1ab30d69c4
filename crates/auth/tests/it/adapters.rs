use nicol_auth::{MemoryAdapter, adapter_suite};

#[tokio::test]
async fn the_memory_adapter_does_what_adapters_owe() {
    adapter_suite::run(&MemoryAdapter::default()).await.unwrap();
}
