//! Argon2id (RFC 9106) and the text in which its hashes are kept, the PHC string format.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Bytes of a salt, as RFC 9106 section 3.1 recommends.
const SALT: usize = 16;
/// Bytes of a hash.
const OUTPUT: usize = Params::DEFAULT_OUTPUT_LEN;
/// KiB of memory that a hash may ask for at most: 1 GiB. A damaged one must not end the server.
const MOST_MEMORY: u32 = 1 << 20;

/// The memory that hashes are computed in: kept from one to the next, since fetching 19 MiB from the system costs a good
/// part of the time of a hash.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.give_back();
            self.0 = vec![Block::new(); count];
        }
        &mut self.0[..count]
    }

    /// Back to the system, wiped: from what it holds, guesses could be checked at no cost.
    pub(super) fn give_back(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
        self.0 = Vec::new();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a hash costs whoever computes it.
#[derive(Clone, Debug)]
pub(super) struct Cost(Params);

impl Cost {
    /// The OWASP recommendation: 19 MiB, two passes, one lane.
    pub(super) fn recommended() -> Result<Self, argon2::Error> {
        Self::of(19_456, 2, 1)
    }

    /// The least there is. Protects nothing.
    pub(super) fn least() -> Result<Self, argon2::Error> {
        Self::of(8, 1, 1)
    }

    fn of(memory: u32, passes: u32, lanes: u32) -> Result<Self, argon2::Error> {
        Params::new(memory, passes, lanes, Some(OUTPUT)).map(Self)
    }

    /// The PHC string of a password's hash, with a salt of its own.
    pub(super) fn hash(&self, password: &[u8], memory: &mut Memory) -> Result<String, String> {
        let (mut salt, mut output) = ([0; SALT], [0; OUTPUT]);
        crate::keys::random::fill(&mut salt);
        let blocks = memory.blocks(self.0.block_count());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone())
            .hash_password_into_with_memory(password, &salt, &mut output, blocks)
            .map_err(|e| e.to_string())?;
        self.write(&salt, &output)
    }

    /// A hash that no password fits, and that is as much work to compare with as any other.
    pub(super) fn hash_of_nobody(&self) -> Result<String, String> {
        self.write(&[0; SALT], &[0; OUTPUT])
    }

    fn write(&self, salt: &[u8], output: &[u8]) -> Result<String, String> {
        let broken = |e: argon2::password_hash::phc::Error| e.to_string();
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.0).map_err(|e| e.to_string())?,
            salt: Some(Salt::new(salt).map_err(broken)?),
            hash: Some(Output::new(output).map_err(broken)?),
        };
        Ok(hash.to_string())
    }
}

/// A hash read from its PHC string. What it cost to make stands in it, and is what it costs to compare with.
pub(super) struct Kept {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Kept {
    /// Reads a PHC string; the error tells what is wrong with it, without repeating it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let hash = PasswordHash::new(text).map_err(|e| e.to_string())?;
        let params = Params::try_from(&hash).map_err(|e| e.to_string())?;
        if params.m_cost() > MOST_MEMORY {
            return Err(format!("it asks for {} KiB of memory", params.m_cost()));
        }
        // Hashes older than version 1.3 of Argon2 name no version.
        let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from);
        Ok(Self {
            algorithm: Algorithm::new(hash.algorithm).map_err(|e| e.to_string())?,
            version: version.map_err(|e| e.to_string())?,
            params,
            salt: hash.salt.ok_or("it has no salt")?,
            output: hash.hash.ok_or("it has no hash")?,
        })
    }

    /// Whether it was made of this password. The comparison takes as long wherever the two differ.
    pub(super) fn fits(&self, password: &[u8], memory: &mut Memory) -> Result<bool, String> {
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = &mut buffer[..self.output.len()];
        let blocks = memory.blocks(self.params.block_count());
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, output, blocks)
            .map_err(|e| e.to_string())?;
        Ok(output.ct_eq(self.output.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1` (its own test vectors).
    const REFERENCE: &str =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    #[test]
    fn hashes_of_others_and_of_other_costs_verify() {
        let mut memory = Memory::default();
        let kept = Kept::read(REFERENCE).unwrap();
        assert!(kept.fits(b"password", &mut memory).unwrap());
        assert!(!kept.fits(b"Password", &mut memory).unwrap());
        let mut hashes = Vec::new();
        for cost in [Cost::of(64, 3, 2), Cost::least(), Cost::of(1024, 1, 4)] {
            // The same memory for small and large ones: what an earlier one left in it changes nothing.
            hashes.push(cost.unwrap().hash(b"the right one", &mut memory).unwrap());
        }
        for hash in &hashes {
            let kept = Kept::read(hash).unwrap();
            assert!(kept.fits(b"the right one", &mut memory).unwrap(), "{hash}");
            assert!(!kept.fits(b"the wrong one", &mut memory).unwrap(), "{hash}");
        }
    }

    #[test]
    fn two_hashes_of_one_password_have_nothing_in_common() {
        let (cost, mut memory) = (Cost::least().unwrap(), Memory::default());
        let hashes = [(); 2].map(|()| cost.hash(b"the same", &mut memory).unwrap());
        assert_ne!(hashes[0], hashes[1]);
        memory.give_back();
        assert!(memory.is_empty());
    }

    #[test]
    fn a_damaged_hash_is_named_as_such() {
        let own = Cost::least().unwrap().hash_of_nobody().unwrap();
        for bad in [
            "",
            "$argon2id$v=19$m=8,t=1,p=1",
            "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            &own.replace("argon2id", "scrypt"),
            &own.replace("v=19", "v=99"),
        ] {
            assert!(Kept::read(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", tail in "[$a-z0-9=,+/]*") {
            let _ = Kept::read(&text);
            let _ = Kept::read(&format!("$argon2id$v=19{tail}"));
        }
    }
}
