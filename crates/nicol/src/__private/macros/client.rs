//! The client.

/// Implements the client of a schema for a struct around a [`Client`](crate::Client). The texts are the environment variables with the URL and, if the
/// schema names it, with the direct URL.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_client {
    ($client:ident, $variable:literal $(, $direct:literal)?) => {
        impl $crate::Handle for $client {
            fn from_client(client: $crate::Client) -> Self {
                Self(client)
            }
        }

        impl ::core::ops::Deref for $client {
            type Target = $crate::Client;

            fn deref(&self) -> &$crate::Client {
                &self.0
            }
        }

        impl $client {
            /// Returns a client of the database at this URL. It connects when the first query runs.
            ///
            /// # Errors
            /// The URL is invalid (P1013), or a certificate that it names cannot be read (P1011).
            pub fn lazy(url: &::core::primitive::str) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::lazy(url).map(Self)
            }

            /// Returns a builder of a client, which can have replicas.
            pub fn builder() -> $crate::ClientBuilder<Self> {
                $crate::Client::builder()
            }

            /// Connects to the database at this URL.
            ///
            /// # Errors
            /// Those of [`lazy`](Self::lazy), or the connection fails.
            pub async fn connect(
                url: &::core::primitive::str,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::connect(url).await.map(Self)
            }

            #[doc = ::core::concat!("Connects to the database whose URL is in the environment variable `", $variable, "`,")]
            /// with the other URLs in [the variables for those](nicol::ClientBuilder::env).
            ///
            /// # Errors
            /// The variable is not set (P1012), or those of [`connect`](Self::connect).
            pub async fn from_env() -> ::core::result::Result<Self, $crate::Error> {
                Self::builder().env($variable)$(.direct_env($direct))?.connect().await
            }

            /// Returns a client on the same pools whose reads go to the primary, too.
            #[must_use]
            pub fn primary(&self) -> Self {
                Self(self.0.primary())
            }

            /// Returns a client on the same pools whose reads go to a replica, SQL with rows included, whatever was written.
            #[must_use]
            pub fn replica(&self) -> Self {
                Self(self.0.replica())
            }

            /// Returns a client on the same pools for one request: from its first write on, its reads go to the primary.
            #[must_use]
            pub fn for_request(&self) -> Self {
                Self(self.0.for_request())
            }

            /// Returns a client on the same pool that calls `observer` after each statement. The event contains no values.
            #[must_use]
            pub fn on_query(
                &self,
                observer: impl ::core::ops::Fn(&$crate::QueryEvent<'_>) + ::core::marker::Send + ::core::marker::Sync + 'static,
            ) -> Self {
                Self(self.0.on_query(observer))
            }

            /// Returns a client on the same pool that also calls `observer` after each statement that took at least as long as `threshold`.
            #[must_use]
            pub fn on_slow_query(
                &self,
                threshold: ::core::time::Duration,
                observer: impl ::core::ops::Fn(&$crate::QueryEvent<'_>) + ::core::marker::Send + ::core::marker::Sync + 'static,
            ) -> Self {
                Self(self.0.on_slow_query(threshold, observer))
            }

            /// Returns a client on the same pool whose transactions have these options.
            #[must_use]
            pub fn transaction_options(&self, options: $crate::TransactionOptions) -> Self {
                Self(self.0.transaction_options(options))
            }

            /// Returns a client on the same pool that uses the tables of another PostgreSQL schema. Models with `@@schema` keep theirs.
            #[must_use]
            pub fn with_schema(
                &self,
                schema: impl ::core::convert::Into<::std::string::String>,
            ) -> Self {
                Self(self.0.with_schema(schema))
            }

            /// Returns a client on the same pool whose queries run with this setting, such as `app.user_id`.
            #[must_use]
            pub fn with_context(
                &self,
                name: &::core::primitive::str,
                value: impl ::core::fmt::Display,
            ) -> Self {
                Self(self.0.with_context(name, value))
            }

            /// Returns a client on the same pool, or in the same transaction, whose queries also pass this extension.
            #[must_use]
            pub fn extend(&self, extension: impl $crate::extension::Extension) -> Self {
                Self(self.0.extend(extension))
            }

            /// Returns a client on the same pool, or in the same transaction, without extensions.
            #[must_use]
            pub fn without_extensions(&self) -> Self {
                Self(self.0.without_extensions())
            }

            /// Returns a transaction: set its options, then `run` a closure that gets a client.
            pub fn transaction(&self) -> $crate::Transaction<Self> {
                self.0.transaction()
            }
        }
    };
}
