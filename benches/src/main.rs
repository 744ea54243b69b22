//! The command line of what compares and draws.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use vestibule_benches::{
    Budgets, Counts, compare, count_instructions, insert, instruction_faults, instructions_table,
    load_plots, markdown, plain, plot_ratios, plot_times, queue_plots, read_all,
};

/// Holds the benchmarks against their budgets, and draws what was measured.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// Where the documents are.
    #[arg(long, global = true, default_value = "docs")]
    docs: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Compares a run of the benchmarks with their budgets, and writes the table and the plots.
    Compare {
        /// Criterion's folder.
        measured: PathBuf,
        /// The budgets.
        #[arg(long, default_value = "benches/budgets.toml")]
        budgets: PathBuf,
    },
    /// Compares the instructions that `callgrind` counted with their budgets, and writes the table.
    Instructions {
        /// The files that it wrote, each named after its benchmark.
        #[arg(required = true)]
        counted: Vec<PathBuf>,
        /// The budgets.
        #[arg(long, default_value = "benches/budgets.toml")]
        budgets: PathBuf,
    },
    /// Draws what the load tool measured.
    LoadPlots {
        /// A folder with `rooms`, `people` and `payload`, each with a folder for each line, with a `NUMBER.json` for
        /// each point.
        measured: PathBuf,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { task, docs } = Arguments::parse();
    match task {
        Task::Compare { measured, budgets } => judge(&measured, &budgets, &docs),
        Task::Instructions { counted, budgets } => count(&counted, &budgets, &docs),
        Task::LoadPlots { measured } => {
            let drawn = load_plots(&measured)?;
            anyhow::ensure!(
                !drawn.is_empty(),
                "{} has nothing to draw",
                measured.display()
            );
            write_plots(&docs, drawn)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Succeeds when no ratio is exceeded. What was measured is written in any case.
fn judge(measured: &Path, budgets: &Path, docs: &Path) -> anyhow::Result<ExitCode> {
    let measured = read_all(measured)?;
    let compared = compare(&Budgets::parse(&read(budgets)?)?, &measured);
    write!(std::io::stdout(), "{}", plain(&compared))?;
    put_into_document(docs, "benches", &markdown(&compared))?;
    let plots = [
        ("benches-times.svg", plot_times(&compared)),
        ("benches-ratios.svg", plot_ratios(&compared)),
    ];
    write_plots(docs, plots.into_iter().chain(queue_plots(&measured)))?;
    Ok(if compared.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Fails when a hot function takes more than its budget, or was not seen: its row would stay empty unnoticed. What was counted is
/// written in any case.
fn count(files: &[PathBuf], budgets: &Path, docs: &Path) -> anyhow::Result<ExitCode> {
    let budgets = Budgets::parse(&read(budgets)?)?.instructions;
    let mut counts = Counts::new();
    for file in files {
        let bench = file.file_stem().unwrap_or_default().to_string_lossy();
        count_instructions(&bench, &read(file)?, &mut counts);
    }
    let table = instructions_table(&counts, &budgets);
    write!(std::io::stdout(), "{table}")?;
    put_into_document(docs, "instructions", &table)?;
    let faults = instruction_faults(&counts, &budgets);
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(ExitCode::SUCCESS)
}

fn put_into_document(docs: &Path, name: &str, made: &str) -> anyhow::Result<()> {
    let document = docs.join("performance.md");
    let text = insert(&read(&document)?, name, made)
        .with_context(|| format!("in {}", document.display()))?;
    Ok(fs::write(&document, text)?)
}

fn write_plots(
    docs: &Path,
    plots: impl IntoIterator<Item = (&'static str, String)>,
) -> anyhow::Result<()> {
    let folder = docs.join("plots");
    fs::create_dir_all(&folder)?;
    for (name, svg) in plots {
        fs::write(folder.join(name), svg)?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("in {}", path.display()))
}
