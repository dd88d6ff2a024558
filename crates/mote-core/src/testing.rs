//! A whole domain on SQLite, for unit tests of use cases.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use mote_store::Location;
use serde_json::Map;

use crate::accounts::NewAccount;
use crate::authorization::Caller;
use crate::authorization::table::ProductsCreate;
use crate::blobs::Blobs;
use crate::keys::ServerKey;
use crate::mail::Mailer;
use crate::passwords::{Password, PasswordHasher};
use crate::products::NewProduct;
use crate::tokens::{Holder, Lifetime};
use crate::{AccountId, ClientKey, Clock, Mote, OwnerId, ProductId, Settings};

/// Of every account.
pub(crate) const PASSWORD: &str = "a long pass phrase of tests 7";

pub(crate) struct World {
    pub(crate) mote: Mote,
    pub(crate) clock: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Mote::open_store(Location::Sqlite(folder.path().join("mote.db"))).await.unwrap();
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let settings = Settings {
            open_signup: true,
            public_url: "http://mote.example.com".into(),
            ..Settings::default()
        };
        let hasher = PasswordHasher::start_cheap().unwrap();
        let time = Clock::Manual(Arc::clone(&clock));
        let blobs = Blobs::in_folder(&folder.path().join("blobs")).unwrap();
        let key = ServerKey::generate();
        let mote = Mote::open(store, &key, hasher, Mailer::Log, blobs, settings, time).await.unwrap();
        Self { mote, clock, _folder: folder }
    }

    pub(crate) async fn account(&self, username: &str) -> AccountId {
        let password = Password::new(PASSWORD.into());
        let new = NewAccount { username: username.into(), password, info: Map::new() };
        self.mote.create_account(new).await.unwrap()
    }

    pub(crate) async fn product(&self, owner: AccountId, name: &str) -> ProductId {
        let access = self.mote.account_access::<ProductsCreate>(self.grant(owner.into(), None).await);
        let new = NewProduct { name: name.into(), description: None, platform_id: 13, settings: Map::new() };
        self.mote.create_product(&access.unwrap(), new).await.unwrap().id
    }

    /// A token of an account, or of a customer of the product.
    pub(crate) async fn grant(&self, whose: OwnerId, product: Option<ProductId>) -> Caller {
        let holder = match whose {
            OwnerId::Account(id) => Holder::User(id),
            OwnerId::Customer(id) => Holder::Customer(id, product.unwrap()),
        };
        let minted = self.mote.mint(ClientKey::OPERATOR, holder, Lifetime::Never).await.unwrap();
        Caller::new(self.mote.authenticate(&minted.access.expose()).await.unwrap(), None)
    }
}
