//! Which fields are zero in JSON because they are absent: the header `x-qiki-absent`.
//!
//! Fields stand behind each other with `;` between them, in the order of their keys: alone where
//! the field is absent from every row, else with the rows' numbers: `elev_deg;snr_db:0-3,7`. The number
//! zero alone does not say it: a target may stand at elevation 0.
//!
//! Numbers of many scattered rows would not fit into the headers that a stream takes. Where they have
//! more than [`NUMBERS_BYTES_MAX`] bytes, `x` and a hexadecimal digit for each four rows stand in their
//! place, the first row as the highest bit: `snr_db:x8001` is rows 0 and 15 of 16.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::quote::quoted;

const FORMAT: &str = "x-qiki-absent";

/// Longest list of row numbers of one field \[B\].
pub const NUMBERS_BYTES_MAX: usize = 1000;

const ROWS_PER_DIGIT: usize = 4;

/// Collects which rows lack a field, in order of the rows.
#[derive(Debug, Default)]
pub struct AbsentRows {
    runs: String,
    run: Option<(usize, usize)>,
    count: usize,
    /// Four rows each, the first as the highest bit.
    digits: Vec<u8>,
}

impl AbsentRows {
    /// Row `index`, above all before it, lacks the field.
    pub fn push(&mut self, index: usize) {
        self.count += 1;
        self.digits.resize(index / ROWS_PER_DIGIT + 1, 0);
        if let Some(digit) = self.digits.last_mut() {
            *digit |= 8 >> (index % ROWS_PER_DIGIT);
        }
        match &mut self.run {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => {
                self.end_run();
                self.run = Some((index, index));
            }
        }
    }

    fn end_run(&mut self) {
        let Some((first, last)) = self.run.take() else { return };
        if self.runs.len() > NUMBERS_BYTES_MAX {
            return; // too long already
        }
        let comma = if self.runs.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = if first == last {
            write!(self.runs, "{comma}{first}")
        } else {
            write!(self.runs, "{comma}{first}-{last}")
        };
    }

    /// Append field `name` to the header's text, if any of the `rows` rows lacks it.
    pub fn write(mut self, name: &str, rows: usize, out: &mut String) {
        if self.count == 0 {
            return;
        }
        self.end_run();
        if !out.is_empty() {
            out.push(';');
        }
        out.push_str(name);
        if self.count < rows {
            out.push(':');
            self.write_rows(rows, out);
        }
    }

    fn write_rows(&self, rows: usize, out: &mut String) {
        if self.runs.len() <= NUMBERS_BYTES_MAX {
            out.push_str(&self.runs);
            return;
        }
        out.push('x');
        let padding = std::iter::repeat(&0);
        for &digit in self.digits.iter().chain(padding).take(rows.div_ceil(ROWS_PER_DIGIT)) {
            // A digit has four bits, so that it is one.
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
}

/// Call `mark(field, row)` for each field of `names` and each of the `rows` rows that `text` says to be
/// absent.
pub fn read_absent(
    text: &str,
    names: &[&str],
    rows: usize,
    mut mark: impl FnMut(usize, usize) -> Result<()>,
) -> Result<()> {
    let mut next_field = 0;
    for part in text.split(';').filter(|_| !text.is_empty()) {
        let (name, runs) = match part.split_once(':') {
            Some((name, runs)) => (name, Some(runs)),
            None => (part, None),
        };
        let place = names.iter().skip(next_field).position(|known| *known == name);
        let field = next_field + place.ok_or_else(|| unknown(text, part, names))?;
        next_field = field + 1;
        let Some(runs) = runs else {
            (0..rows).try_for_each(|row| mark(field, row))?;
            continue;
        };
        match runs.strip_prefix('x') {
            Some(digits) => read_digits(text, digits, rows, |row| mark(field, row))?,
            None => read_numbers(text, runs, rows, |row| mark(field, row))?,
        }
    }
    Ok(())
}

fn read_numbers(
    text: &str,
    runs: &str,
    rows: usize,
    mut mark: impl FnMut(usize) -> Result<()>,
) -> Result<()> {
    let mut next_row = 0;
    for run in runs.split(',') {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        let bounds = row_number(first).zip(row_number(last));
        let fits =
            bounds.filter(|&(first, last)| next_row <= first && first <= last && last < rows);
        let (first, last) = fits.ok_or_else(|| no_rows(text, run, rows))?;
        (first..=last).try_for_each(&mut mark)?;
        next_row = last + 1;
    }
    Ok(())
}

fn read_digits(
    text: &str,
    digits: &str,
    rows: usize,
    mut mark: impl FnMut(usize) -> Result<()>,
) -> Result<()> {
    let is_of_rows = digits.len() == rows.div_ceil(ROWS_PER_DIGIT);
    for (index, digit) in digits.chars().enumerate() {
        let bits = digit.to_digit(16).filter(|_| is_of_rows && !digit.is_ascii_uppercase());
        let bits = bits.ok_or_else(|| no_digits(text, digits, rows))?;
        for place in (0..ROWS_PER_DIGIT).filter(|place| bits & (8 >> place) != 0) {
            let row = index * ROWS_PER_DIGIT + place;
            if row >= rows {
                return Err(no_digits(text, digits, rows));
            }
            mark(row)?;
        }
    }
    Ok(())
}

fn row_number(digits: &str) -> Option<usize> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn unknown(text: &str, part: &str, names: &[&str]) -> Error {
    fault(
        text,
        part,
        format!("{}, must be each at most once and in order: {}", quoted(part), names.join(";")),
    )
}

fn no_rows(text: &str, run: &str, rows: usize) -> Error {
    let shown = quoted(run);
    fault(text, run, format!("rows {shown}, must be numbers below {rows} that rise, as 0-3,7"))
}

fn no_digits(text: &str, digits: &str, rows: usize) -> Error {
    let expected = rows.div_ceil(ROWS_PER_DIGIT);
    let found = digits.len();
    let reason = format!(
        "{found} characters behind x, must be {expected} of 0-9 and a-f, and none of their bits \
         behind the last of {rows} rows"
    );
    fault(text, digits, reason)
}

/// `part` is a slice of `text`.
fn fault(text: &str, part: &str, reason: String) -> Error {
    let offset = part.as_ptr().addr() - text.as_ptr().addr();
    Error::Decode { format: FORMAT, offset, reason }
}
