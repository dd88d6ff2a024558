//! Finding the grant that a secret belongs to.

use mote_store::Db;
use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;

use crate::Error;
use crate::keys::{Digest, Digester, Purpose, TokenSecret};

/// Which of a grant's two tokens a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// The grant of an access token.
pub(super) fn by_access(db: &mut Db, digest: Digest) -> Result<Option<TokenRow>, Error> {
    let rows = rows::by_access(db, digest.key)?;
    Ok(rows.into_iter().find(|row| digest.rest_is(&row.access_rest)))
}

/// The grant of a refresh token.
pub(super) fn by_refresh(db: &mut Db, digest: Digest) -> Result<Option<TokenRow>, Error> {
    let rows = rows::by_refresh(db, digest.key)?;
    Ok(rows.into_iter().find(|row| digest.rest_is(&row.refresh_rest)))
}

/// A token of which it is not said which of the two it is: what it would be known by as either.
#[derive(Clone, Copy)]
pub(super) struct Either {
    access: Digest,
    refresh: Digest,
}

impl Either {
    /// None where it is no token at all.
    pub(super) fn parse(token: &str, digester: &Digester) -> Option<Self> {
        let secret = TokenSecret::parse(token)?;
        let digest = |purpose| digester.digest(purpose, secret.bytes());
        Some(Self { access: digest(Purpose::AccessToken), refresh: digest(Purpose::RefreshToken) })
    }

    pub(super) fn find(self, db: &mut Db) -> Result<Option<(TokenRow, TokenUse)>, Error> {
        if let Some(row) = by_access(db, self.access)? {
            return Ok(Some((row, TokenUse::Access)));
        }
        Ok(by_refresh(db, self.refresh)?.map(|row| (row, TokenUse::Refresh)))
    }
}
