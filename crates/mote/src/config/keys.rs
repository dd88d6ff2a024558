//! Commands about the server key.

use clap::Subcommand;

use super::StoreOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Replace the server key while servers run; what was cut off is finished by running it again.
    ///
    /// The new key is written into the file of the key beside the old one, the database is put under it, and the old one goes
    /// from the file. Servers that read this file take the new key up within a second or two, and seal anew what is sealed
    /// with the old one; `mote check` tells what is left. Copies of the old key are of use only with copies of the
    /// database that were made before: change what those have in them, or destroy them.
    ///
    /// Of several servers with a file each: --prepare first, copy the file to all, then run this. With `MOTE_SERVER_KEY`:
    /// restart all servers with both keys in it, a comma between, the new one last (mote key new), then run this with the
    /// same, then restart them with the new one alone, when it suits.
    #[command(after_help = "Examples:\n  mote key rotate\n  mote key rotate --prepare")]
    Rotate {
        /// Only write the new key into the file beside the old one, which stays in use.
        #[arg(long)]
        prepare: bool,
        /// Where sixteen generations of keys are known: forget the oldest, with which all tokens and secrets end that were
        /// made at its time.
        #[arg(long)]
        end_oldest: bool,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Print a new server key, for those who keep it in a variable.
    New,
}
