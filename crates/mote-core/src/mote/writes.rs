//! Writes, and what memory forgets by them.

use mote_store::Db;

use super::Mote;
use crate::Error;
use crate::notices::Notice;

impl Mote {
    /// Writes, and lets memory forget what the write changed: after the commit, before the answer, and whether or not the
    /// caller still waits, so that what was revoked is refused from then on. Where the store failed and it is not known
    /// whether the write was committed, memory forgets everything.
    ///
    /// `forget` says of what came of the write what is wrong in memory now. Where other processes have a memory too, it is
    /// written for them in the same transaction: this is the one place where what a deed makes wrong becomes a notice.
    pub(crate) async fn write_and_forget<T, F, G, N>(&self, mut work: F, forget: G) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> Result<T, Error> + Send + 'static,
        G: Fn(&T) -> N + Send + 'static,
        N: IntoIterator<Item = Notice>,
    {
        let (mote, writer) = (self.clone(), self.clone());
        let tells = self.store().is_shared() || !self.nodes().is_serving();
        let write = move |db: &mut Db| -> Result<(T, Vec<Notice>), Error> {
            let done = work(db)?;
            let notices: Vec<_> = forget(&done).into_iter().collect();
            if tells {
                writer.leave_notices(db, &notices)?;
            }
            Ok((done, notices))
        };
        let after = move |done: Result<&(T, Vec<Notice>), &Error>| match done {
            Ok((_, notices)) => {
                for notice in notices {
                    mote.heed(notice);
                }
                if tells && !notices.is_empty() {
                    mote.nodes().tell();
                }
            }
            Err(Error::Store(error)) if !error.is_undone() => mote.forget_everything(),
            Err(_) => {}
        };
        Ok(self.store().write_then(write, after).await?.0)
    }

    /// Drops all that memory holds of what can be changed.
    pub(crate) fn forget_everything(&self) {
        self.grants().drop_where(|_| true);
        self.clients().drop_where(|_| true);
        self.products().drop_where(|_| true);
        self.organizations().drop_where(|_| true);
        self.forget_roles();
        self.secrets().forget_all();
        self.hooks().forget_all();
    }
}
