//! Packed columns: where each stands in a message, and fixed-width values to bytes and back.

use super::protobuf::{Field, Reader, Room, Size, once, put_length};
use crate::error::Result;

/// One column of a message. The last column of a table is `present`, the rows' bits.
#[derive(Debug)]
pub struct Column {
    /// Field number.
    pub number: u32,
    /// Field name.
    pub name: &'static str,
    /// Bytes of one row.
    pub width: usize,
    /// Which rows it has.
    pub rows: Rows,
}

/// Which rows a column has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rows {
    /// All of them.
    All,
    /// All of them, or none when no row needs it.
    AllOrNone,
    /// Those with a bit in `present`, in order.
    WithBit(u32),
}

impl Column {
    /// A column that every message with rows has.
    pub const fn required(number: u32, name: &'static str, width: usize) -> Self {
        Self { number, name, width, rows: Rows::All }
    }

    /// A column that is left out when no row needs it.
    pub const fn optional(number: u32, name: &'static str, width: usize) -> Self {
        Self { number, name, width, rows: Rows::AllOrNone }
    }

    /// Text of the rows that have `bit`, 32 bytes each.
    pub const fn text(number: u32, name: &'static str, bit: u32) -> Self {
        Self { number, name, width: 32, rows: Rows::WithBit(bit) }
    }

    fn fault(&self, found: usize, rows: u64) -> String {
        let Self { name, width, .. } = self;
        format!("{name} has {found} bytes, {rows} rows have {width} each")
    }
}

/// How many rows each column of a message has; a column without rows is left out.
#[derive(Clone, Copy, Debug)]
pub struct Layout<const N: usize> {
    /// The columns.
    pub table: &'static [Column; N],
    /// Rows of each.
    pub rows: [usize; N],
}

impl<const N: usize> Layout<N> {
    /// Write tags and lengths; returns the room of every column, empty for those left out.
    pub fn rooms<'a>(&self, out: &mut Room<'a>) -> [&'a mut [u8]; N] {
        let mut rooms = [(); N].map(|()| [].as_mut_slice());
        for ((room, column), rows) in rooms.iter_mut().zip(self.table).zip(self.rows) {
            if rows > 0 {
                put_length(out, column.number, column.width * rows);
                *room = out.take(column.width * rows);
            }
        }
        rooms
    }

    /// Bytes of all columns with their tags and lengths.
    pub fn size(&self) -> usize {
        let mut size = Size::default();
        for (column, rows) in self.table.iter().zip(self.rows).filter(|pair| pair.1 > 0) {
            put_length(&mut size, column.number, column.width * rows);
            size.0 += column.width * rows;
        }
        size.0
    }
}

/// The columns of a message while its fields are read.
#[derive(Debug)]
pub struct Columns<'a, const N: usize> {
    table: &'static [Column; N],
    /// Offset in the input and bytes.
    found: [Option<(usize, &'a [u8])>; N],
    /// Where the next column is looked for first: they come in the order of the table.
    next: usize,
}

impl<'a, const N: usize> Columns<'a, N> {
    /// No column yet.
    pub const fn new(table: &'static [Column; N]) -> Self {
        Self { table, found: [None; N], next: 0 }
    }

    /// Keep `field` if it is one of the columns; any other is unknown and skipped.
    pub fn accept(&mut self, field: &Field<'a>) -> Result<()> {
        let is_it = |column: &Column| column.number == field.number;
        let ahead = self.table[self.next..].iter().position(is_it).map(|index| self.next + index);
        let Some(index) = ahead.or_else(|| self.table.iter().position(is_it)) else {
            return Ok(());
        };
        let name = self.table[index].name;
        self.next = index;
        once(&mut self.found[index], name, field, (field.offset, field.bytes(name)?))
    }

    /// The bytes of every column, empty for those left out, after their lengths are checked.
    pub fn of_rows(&self, rows: u64, reader: &Reader<'_>) -> Result<[&'a [u8]; N]> {
        let bytes = self.found.map(|found| found.map_or([].as_slice(), |(_, bytes)| bytes));
        for (column, found) in self.table.iter().zip(self.found).rev() {
            let Column { name, width, .. } = *column;
            let wanted = match column.rows {
                Rows::WithBit(bit) => rows_with(bit, bytes.last().copied().unwrap_or_default()),
                _ => rows,
            };
            match found {
                None if column.rows == Rows::AllOrNone || wanted == 0 => {}
                None => {
                    return Err(reader.error(format!("{name} is missing, {wanted} rows need it")));
                }
                Some((_, bytes))
                    if wanted.checked_mul(width as u64) == Some(bytes.len() as u64) => {}
                Some((offset, bytes)) => {
                    return Err(reader.error_at(offset, column.fault(bytes.len(), wanted)));
                }
            }
        }
        Ok(bytes)
    }
}

/// How many rows of the column `present` have `bit`.
fn rows_with(bit: u32, present: &[u8]) -> u64 {
    let (rows, _) = present.as_chunks::<4>();
    let has = |row: &[u8; 4]| u64::from(u32::from_le_bytes(*row) & bit != 0);
    rows.iter().map(has).sum()
}

/// A value of fixed width on the wire, little-endian.
pub trait Fixed<const WIDTH: usize>: Copy {
    /// Its bytes.
    fn to_wire(self) -> [u8; WIDTH];
    /// The value of `bytes`.
    fn from_wire(bytes: [u8; WIDTH]) -> Self;
}

macro_rules! fixed_number {
    ($($number:ty: $width:literal),*) => {$(
        impl Fixed<$width> for $number {
            #[inline(always)]
            fn to_wire(self) -> [u8; $width] {
                self.to_le_bytes()
            }

            #[inline(always)]
            fn from_wire(bytes: [u8; $width]) -> Self {
                Self::from_le_bytes(bytes)
            }
        }
    )*};
}
fixed_number!(u8: 1, u32: 4, i64: 8, u64: 8);

macro_rules! fixed_float {
    ($($float:ty: $width:literal),*) => {$(
        /// Every NaN is written and read as the one quiet NaN.
        impl Fixed<$width> for $float {
            #[inline(always)]
            fn to_wire(self) -> [u8; $width] {
                if self.is_nan() { Self::NAN.to_le_bytes() } else { self.to_le_bytes() }
            }

            #[inline(always)]
            fn from_wire(bytes: [u8; $width]) -> Self {
                let value = Self::from_le_bytes(bytes);
                if value.is_nan() { Self::NAN } else { value }
            }
        }
    )*};
}
fixed_float!(f32: 4, f64: 8);

/// Protobuf has no fixed width of 16 bits. What does not fit is read as the largest code, which
/// is past the limit of every field.
impl Fixed<4> for u16 {
    fn to_wire(self) -> [u8; 4] {
        u32::from(self).to_le_bytes()
    }

    fn from_wire(bytes: [u8; 4]) -> Self {
        Self::try_from(u32::from_le_bytes(bytes)).unwrap_or(Self::MAX)
    }
}

macro_rules! fixed_bytes {
    ($($width:literal),*) => {$(
        impl Fixed<$width> for [u8; $width] {
            #[inline(always)]
            fn to_wire(self) -> [u8; $width] {
                self
            }

            #[inline(always)]
            fn from_wire(bytes: [u8; $width]) -> Self {
                bytes
            }
        }
    )*};
}
fixed_bytes!(16, 32);

macro_rules! fixed_vector {
    ($($count:literal: $width:literal),*) => {$(
        impl Fixed<$width> for [f64; $count] {
            fn to_wire(self) -> [u8; $width] {
                let mut bytes = [0; $width];
                for (slot, value) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self) {
                    *slot = value.to_wire();
                }
                bytes
            }

            fn from_wire(bytes: [u8; $width]) -> Self {
                let mut values = [0.0; $count];
                for (value, slot) in values.iter_mut().zip(bytes.as_chunks::<8>().0) {
                    *value = f64::from_wire(*slot);
                }
                values
            }
        }
    )*};
}
fixed_vector!(3: 24, 6: 48);

/// Write `values` as the rows of `column` from `first` on; nothing where it is left out.
#[inline(always)]
pub fn write<T: Fixed<WIDTH>, const WIDTH: usize>(
    column: &mut [u8],
    first: usize,
    values: impl Iterator<Item = T>,
) {
    let rows = column.as_chunks_mut::<WIDTH>().0;
    for (row, value) in rows.get_mut(first..).unwrap_or_default().iter_mut().zip(values) {
        *row = value.to_wire();
    }
}

/// The rows of `column` from `first` on; none where it is left out.
#[inline(always)]
pub fn read<T: Fixed<WIDTH>, const WIDTH: usize>(
    column: &[u8],
    first: usize,
) -> impl Iterator<Item = T> {
    let rows = column.as_chunks::<WIDTH>().0;
    rows.get(first..).unwrap_or_default().iter().map(|row| T::from_wire(*row))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Column; 3] = [
        Column::optional(1, "numbers", 8),
        Column::text(2, "texts", 4),
        Column::required(3, "present", 4),
    ];

    fn parse(bytes: &[u8], rows: u64) -> Result<[&[u8]; 3]> {
        let mut reader = Reader::new("Test", bytes);
        let mut columns = Columns::new(&TABLE);
        while let Some(field) = reader.next_field()? {
            columns.accept(&field)?;
        }
        columns.of_rows(rows, &reader)
    }

    fn written(rows: [usize; 3], fill: impl FnOnce([&mut [u8]; 3])) -> Vec<u8> {
        let layout = Layout { table: &TABLE, rows };
        let mut out = vec![0; layout.size()];
        let mut room = Room(&mut out);
        fill(layout.rooms(&mut room));
        assert!(room.0.is_empty());
        out
    }

    #[test]
    fn columns_come_back() {
        let out = written([3, 1, 3], |[numbers, texts, present]| {
            write(numbers, 1, [-f64::NAN, -0.0].into_iter());
            write(texts, 0, [[7; 32]].into_iter());
            write(present, 0, [1_u32, 5, 3].into_iter());
        });
        let [numbers, texts, present] = parse(&out, 3).unwrap();
        let bits: Vec<u64> = read::<f64, 8>(numbers, 1).map(f64::to_bits).collect();
        assert_eq!(bits, [f64::NAN.to_bits(), (-0.0_f64).to_bits()]);
        assert_eq!(texts, [7; 32]);
        assert_eq!(read::<u32, 4>(present, 0).collect::<Vec<_>>(), [1, 5, 3]);
    }

    #[test]
    fn a_column_left_out_is_empty_and_needs_no_bytes() {
        let out = written([0, 0, 3], |[numbers, texts, _]| {
            assert!(numbers.is_empty() && texts.is_empty());
        });
        assert_eq!(out.len(), 2 + 12);
        assert!(parse(&out, 3).unwrap()[0].is_empty());
        assert_eq!(Layout { table: &TABLE, rows: [0; 3] }.size(), 0);
    }

    #[test]
    fn lengths_and_repetition_are_refused_by_name() {
        let out = written([0, 0, 3], |_| ());
        let reason = |bytes: &[u8], rows| parse(bytes, rows).unwrap_err().to_string();
        assert_eq!(reason(&out, 4), "Test: at byte 2: present has 12 bytes, 4 rows have 4 each");
        assert!(reason(&out, u64::MAX).contains("rows have 4 each"));
        assert!(reason(&[], 1).contains("present is missing, 1 rows need it"));
        assert!(reason(&out.repeat(2), 3).contains("present appears twice"));
        assert!(reason(&[0x08, 1], 1).contains("must be a length and bytes"));
    }

    #[test]
    fn there_are_as_many_texts_as_rows_with_their_bit() {
        let with_bit = |texts| {
            written([0, texts, 3], |[_, _, present]| {
                write(present, 0, [4_u32, 0, 6].into_iter());
            })
        };
        let reason = |bytes: &[u8]| parse(bytes, 3).unwrap_err().to_string();
        assert_eq!(parse(&with_bit(2), 3).unwrap()[1].len(), 64);
        assert!(reason(&with_bit(0)).contains("texts is missing, 2 rows need it"));
        assert!(reason(&with_bit(3)).contains("texts has 96 bytes, 2 rows have 32 each"));
    }
}
