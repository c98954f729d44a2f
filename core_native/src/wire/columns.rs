//! Packed columns: where each stands in a message, and fixed-width values to bytes and back.

use super::protobuf::{Field, Reader, Room, Size, once, put_length};
use crate::error::Result;

/// One column of a message.
#[derive(Debug)]
pub struct Column {
    /// Field number.
    pub number: u32,
    /// Field name.
    pub name: &'static str,
    /// Bytes of one row.
    pub width: usize,
    /// Whether it may be left out of a message that has rows.
    pub optional: bool,
}

impl Column {
    /// A column that every message with rows has.
    pub const fn required(number: u32, name: &'static str, width: usize) -> Self {
        Self { number, name, width, optional: false }
    }

    /// A column that is left out when no row needs it.
    pub const fn optional(number: u32, name: &'static str, width: usize) -> Self {
        Self { number, name, width, optional: true }
    }
}

/// Which columns a message has, and of how many rows.
#[derive(Clone, Copy, Debug)]
pub struct Layout<const N: usize> {
    table: &'static [Column; N],
    used: [bool; N],
    rows: usize,
}

impl<const N: usize> Layout<N> {
    /// The columns in `used`; none without rows.
    pub fn new(table: &'static [Column; N], used: [bool; N], rows: usize) -> Self {
        Self { table, used: used.map(|used| used && rows > 0), rows }
    }

    /// Whether the column at `index` is there.
    pub const fn has(&self, index: usize) -> bool {
        self.used[index]
    }

    /// Write tags and lengths; returns the room of every column, empty for those left out.
    pub fn rooms<'a>(&self, out: &mut Room<'a>) -> [&'a mut [u8]; N] {
        let mut rooms = [(); N].map(|()| [].as_mut_slice());
        for ((room, column), used) in rooms.iter_mut().zip(self.table).zip(self.used) {
            if used {
                put_length(out, column.number, column.width * self.rows);
                *room = out.take(column.width * self.rows);
            }
        }
        rooms
    }

    /// Bytes of all columns with their tags and lengths.
    pub fn size(&self) -> usize {
        let mut size = Size::default();
        for (column, _) in self.table.iter().zip(self.used).filter(|pair| pair.1) {
            put_length(&mut size, column.number, column.width * self.rows);
            size.0 += column.width * self.rows;
        }
        size.0
    }
}

/// The columns of a message while its fields are read.
#[derive(Debug)]
pub struct Columns<'a, const N: usize> {
    table: &'static [Column; N],
    fields: [Option<Field<'a>>; N],
}

impl<'a, const N: usize> Columns<'a, N> {
    /// No column yet.
    pub const fn new(table: &'static [Column; N]) -> Self {
        Self { table, fields: [None; N] }
    }

    /// Keep `field` if it is one of the columns; any other is unknown and skipped.
    pub fn accept(&mut self, field: Field<'a>) -> Result<()> {
        let found = self.table.iter().position(|column| column.number == field.number);
        let Some(index) = found else {
            return Ok(());
        };
        let name = self.table[index].name;
        field.bytes(name)?;
        once(&mut self.fields[index], name, &field, field)
    }

    /// The bytes of every column, empty for those left out, after their lengths are checked.
    pub fn of_rows(&self, rows: u64, reader: &Reader<'_>) -> Result<[&'a [u8]; N]> {
        let mut bytes = [[].as_slice(); N];
        for ((bytes, column), field) in bytes.iter_mut().zip(self.table).zip(&self.fields) {
            let Column { name, width, optional, .. } = *column;
            let Some(field) = field else {
                if optional || rows == 0 {
                    continue;
                }
                return Err(reader.error(format!("{name} is missing, {rows} rows need it")));
            };
            *bytes = field.bytes(name)?;
            if rows.checked_mul(width as u64) != Some(bytes.len() as u64) {
                let length = bytes.len();
                let reason = format!("{name} has {length} bytes, {rows} rows have {width} each");
                return Err(field.error(reason));
            }
        }
        Ok(bytes)
    }
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

    const TABLE: [Column; 2] = [Column::required(1, "first", 4), Column::optional(2, "second", 8)];

    fn parse(bytes: &[u8], rows: u64) -> Result<[&[u8]; 2]> {
        let mut reader = Reader::new("Test", bytes);
        let mut columns = Columns::new(&TABLE);
        while let Some(field) = reader.next_field()? {
            columns.accept(field)?;
        }
        columns.of_rows(rows, &reader)
    }

    fn written(used: [bool; 2], fill: impl FnOnce([&mut [u8]; 2])) -> Vec<u8> {
        let layout = Layout::new(&TABLE, used, 3);
        let mut out = vec![0; layout.size()];
        let mut room = Room(&mut out);
        fill(layout.rooms(&mut room));
        assert!(room.0.is_empty());
        out
    }

    #[test]
    fn columns_come_back() {
        let out = written([true, true], |[first, second]| {
            write(first, 0, [1_u32, 2, 3].into_iter());
            write(second, 1, [-f64::NAN, -0.0].into_iter());
        });
        let [first, second] = parse(&out, 3).unwrap();
        assert_eq!(read::<u32, 4>(first, 0).collect::<Vec<_>>(), [1, 2, 3]);
        let bits: Vec<u64> = read::<f64, 8>(second, 1).map(f64::to_bits).collect();
        assert_eq!(bits, [f64::NAN.to_bits(), (-0.0_f64).to_bits()]);
    }

    #[test]
    fn a_column_left_out_is_empty_and_needs_no_bytes() {
        let out = written([true, false], |[_, second]| assert!(second.is_empty()));
        assert_eq!(out.len(), 2 + 12);
        assert!(parse(&out, 3).unwrap()[1].is_empty());
        assert_eq!(Layout::new(&TABLE, [true, true], 0).size(), 0);
    }

    #[test]
    fn lengths_and_repetition_are_refused_by_name() {
        let out = written([true, false], |_| ());
        let reason = |bytes: &[u8], rows| parse(bytes, rows).unwrap_err().to_string();
        assert_eq!(reason(&out, 4), "Test: at byte 2: first has 12 bytes, 4 rows have 4 each");
        assert!(reason(&out, u64::MAX).contains("rows have 4 each"));
        assert!(reason(&[], 1).contains("first is missing, 1 rows need it"));
        assert!(reason(&out.repeat(2), 3).contains("first appears twice"));
        assert!(reason(&[0x08, 1], 1).contains("must be a length and bytes"));
    }
}
