//! A compiled function from outside, in a capsule that is named by its C signature.
//!
//! The convention is that of SciPy's `LowLevelCallable`: the capsule's name is the signature, its
//! pointer the function, its context the user data.

use std::ffi::{CStr, c_void};
use std::mem::{size_of, transmute_copy};
use std::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::error::Error;

use crate::errors::CoreError;

/// A function pointer of type `P`, or one of type `D` with the user data as last argument.
#[derive(Clone, Copy, Debug)]
pub enum Code<P, D> {
    Plain(P),
    WithData(D, *mut c_void),
}

/// A function from outside, with what keeps its code and its data alive.
#[derive(Debug)]
pub struct OutsideFunction<P, D> {
    pub code: Code<P, D>,
    _owner: Py<PyAny>,
}

// SAFETY: whoever makes the capsule promises that the function may be called by any thread without
// the GIL (`qiki.models` says so); the pointer to the user data is passed on, never followed.
unsafe impl<P, D> Send for OutsideFunction<P, D> {}
// SAFETY: as above.
unsafe impl<P, D> Sync for OutsideFunction<P, D> {}

impl<P: Copy, D: Copy> OutsideFunction<P, D> {
    /// The function in `capsule`, whose name must be `plain` or `with_data`.
    ///
    /// # Safety
    /// `P` must be the type of a C function of the signature `plain`, `D` of `with_data`.
    pub unsafe fn of(
        capsule: &Bound<'_, PyCapsule>,
        owner: Option<Bound<'_, PyAny>>,
        [plain, with_data]: [&CStr; 2],
    ) -> PyResult<Self> {
        const { assert!(size_of::<P>() == size_of::<usize>()) };
        const { assert!(size_of::<D>() == size_of::<usize>()) };
        let name = capsule.name()?;
        // SAFETY: a capsule's name lives as long as the capsule, which is borrowed here.
        let name = name.map(|name| unsafe { name.as_cstr() });
        let code = match name {
            Some(name) if name == with_data => {
                let pointer = capsule.pointer_checked(Some(with_data))?;
                // SAFETY: the name says that the pointer is a function of this type.
                let function = unsafe { transmute_copy::<NonNull<c_void>, D>(&pointer) };
                Code::WithData(function, capsule.context()?)
            }
            Some(name) if name == plain => {
                let pointer = capsule.pointer_checked(Some(plain))?;
                // SAFETY: as above.
                Code::Plain(unsafe { transmute_copy::<NonNull<c_void>, P>(&pointer) })
            }
            other => return Err(wrong_signature(other, [plain, with_data])),
        };
        let owner = (capsule, owner).into_pyobject(capsule.py())?.into_any().unbind();
        Ok(Self { code, _owner: owner })
    }
}

fn wrong_signature(name: Option<&CStr>, [plain, with_data]: [&CStr; 2]) -> PyErr {
    let value = name.map_or_else(|| "nothing".into(), |name| format!("{name:?}"));
    let error = Error::Setting {
        setting: "the capsule's name".into(),
        value,
        limit: format!("{plain:?} or {with_data:?}"),
        remedy: "give a capsule that is named by the C signature of its function".into(),
    };
    CoreError::from(error).into()
}
