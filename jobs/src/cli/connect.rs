//! What is asked for while a source is being connected.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// `region CODE` makes that region's folder.
    #[arg(value_names = ["region", "CODE"], num_args = 0..=2)]
    pub(crate) what: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    /// The job's name, as `sluss jobs` lists it (an unambiguous end of it is enough).
    pub(crate) job: String,
    /// Draft the mapping: SQL, with what speaks for each column.
    #[arg(long)]
    pub(crate) suggest: bool,
    /// Rows to look at of each stream.
    #[arg(short = 'n', long, default_value_t = 5000, requires = "suggest")]
    pub(crate) rows: usize,
    /// Write the draft's files where there are none; what is there is left alone.
    #[arg(long, requires = "suggest")]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateArgs {
    /// The national table; those that hang on it come along.
    pub(crate) table: String,
    /// The workbook.
    #[arg(long, value_name = "FILE.xlsx")]
    pub(crate) out: PathBuf,
    /// The region that fills it in: its länskod need then not be written on every row.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// Write the jobs that read the workbook as well, in the region's folder.
    #[arg(long, requires = "region")]
    pub(crate) with_job: bool,
    /// Rows that are prepared in each sheet.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rows: u32,
}

#[derive(Debug, Args)]
pub(crate) struct JobsArg {
    /// Jobs; none means all.
    pub(crate) jobs: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Jobs; none means all.
    pub(crate) jobs: Vec<String>,
    /// Do not reach for sources.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Run the jobs' `[[example]]` pairs as well.
    #[arg(long)]
    pub(crate) examples: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// The job.
    pub(crate) job: String,
    /// Source rows to look at.
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(crate) rows: usize,
}
