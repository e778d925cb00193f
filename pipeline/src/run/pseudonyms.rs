//! Keyed hashes of sole traders' numbers: which version of their key holds, and the change to another.

use std::sync::Arc;

use sluss_schemas::say;

use super::engine::{Engine, new_run};
use super::known::RunLookups;
use crate::error::{PipelineError, Result};
use crate::keys::{Pseudonymiser, Purpose};
use crate::register::Rekeying;

impl Engine {
    pub(super) async fn lookups(&self) -> Result<Arc<RunLookups>> {
        Ok(Arc::new(RunLookups {
            codes: self.known.codes(&self.register).await?,
            orgnr: Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?,
            contact: Pseudonymiser::new(&self.pseudonyms, Purpose::Vardkontakt)?,
            other: Pseudonymiser::new(&self.pseudonyms, Purpose::Other("mappning"))?,
        }))
    }

    /// Refuses to go on where the register's keyed hashes are of another version than the key's newest: the
    /// same sole trader would be two.
    pub(super) async fn same_pseudonyms(&self) -> Result<()> {
        let (current, noted) =
            (self.pseudonyms.current(), self.register.pseudonym_version(self.pseudonyms.current()).await?);
        if current == noted {
            return Ok(());
        }
        let hint = if noted < current {
            say!(
                "kör `sluss keys rotate`: registret räknas om till den nya versionen",
                "run `sluss keys rotate`: the register is brought to the new version"
            )
        } else {
            say!(
                "lägg tillbaka version {noted} i hemligheten, med alla äldre",
                "put version {noted} back into the secret, with all older ones"
            )
        };
        Err(PipelineError::configuration(say!(
            "pseudonymnyckelns nyaste version är {current}, registrets hashvärden har version {noted}",
            "the pseudonym key's newest version is {current}, the register's hashes are of version {noted}"
        ))
        .hint(hint))
    }

    /// Brings the register's keyed hashes to the newest version of their key, and the lake after it. Whether
    /// there was anything to do. Can be repeated, and taken up after a crash.
    pub async fn rekey(&self) -> Result<bool> {
        let unfinished = self.finish_erasures().await?;
        let pseudonyms = Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?;
        let id = new_run();
        let to =
            Rekeying { id: &id, version: self.pseudonyms.current(), rekey: &|stored| pseudonyms.rekey(stored).ok() };
        let Some(rest) = self.register.rekey(&to).await? else { return Ok(unfinished > 0) };
        self.erase(&rest).await?;
        Ok(true)
    }

    /// The newest version of the pseudonym key.
    pub fn pseudonym_version(&self) -> u32 {
        self.pseudonyms.current()
    }

    /// The keyed hash that stands for a sole trader's number.
    pub(crate) fn pseudonym_of(&self, orgnr: &str) -> Result<String> {
        Ok(Pseudonymiser::new(&self.pseudonyms, Purpose::Orgnr)?.hash(orgnr))
    }
}
