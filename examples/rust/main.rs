//! A compiled model called from Rust, through the C interface and without any crate.
//!
//! `transom_open` and its like are inline functions in C; callers from other languages read the table of functions that
//! they call (`TransomApi`), which is only ever appended to.

use std::ffi::{c_char, c_void, CStr};
use std::ptr::{null, null_mut};

const ABI_VERSION: u32 = 1;
const MAX_RANK: usize = 12;
const ERROR_BYTES: usize = 512;
const F32: i32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
struct Tensor {
    data: *mut c_void,
    capacity_bytes: usize,
    strides: *const i64,
    element_type: i32,
    rank: i32,
    shape: [i64; MAX_RANK],
    reserved: [u64; 2],
}

/// The functions of the table up to the last one that is called here.
#[repr(C)]
struct Api {
    abi_version: u32,
    struct_size: u32,
    open: unsafe extern "C" fn(*const Library, *const c_void, *mut *mut c_void, *mut c_char, usize) -> i32,
    close: unsafe extern "C" fn(*mut c_void),
    info: unsafe extern "C" fn(*const c_void) -> *const c_void,
    workspace_bytes: unsafe extern "C" fn(*const c_void, *const i64, *mut i64) -> i32,
    output_dims: unsafe extern "C" fn(*const c_void, *const i64, u32, *mut i64) -> i32,
    context_create:
        unsafe extern "C" fn(*mut c_void, *const c_void, *mut *mut c_void, *mut c_char, usize) -> i32,
    context_destroy: unsafe extern "C" fn(*mut c_void),
    reserve: unsafe extern "C" fn(*mut c_void, *const i64) -> i32,
    run: unsafe extern "C" fn(*mut c_void, *const Tensor, u32, *mut Tensor, u32) -> i32,
    cancel: unsafe extern "C" fn(*mut c_void) -> i32,
    error: unsafe extern "C" fn(*const c_void) -> *const c_char,
}

#[repr(C)]
struct Library {
    api: *const Api,
    programs: *const c_void,
    num_programs: u32,
    reserved: u32,
}

#[link(name = "projector")]
extern "C" {
    fn projector_library() -> *const Library;
}

impl Tensor {
    fn new(values: &mut [f32], shape: &[i64]) -> Tensor {
        let mut tensor = Tensor {
            data: values.as_mut_ptr().cast(),
            capacity_bytes: std::mem::size_of_val(values),
            strides: null(),
            element_type: F32,
            rank: shape.len() as i32,
            shape: [0; MAX_RANK],
            reserved: [0; 2],
        };
        tensor.shape[..shape.len()].copy_from_slice(shape);
        tensor
    }
}

/// A model and one context, closed when it goes.
struct Model {
    api: &'static Api,
    model: *mut c_void,
    context: *mut c_void,
}

impl Model {
    fn open(library: *const Library) -> Result<Model, String> {
        // SAFETY: the library is one that the compiler made; it lives as long as the process.
        let api = unsafe { &*(*library).api };
        if api.abi_version != ABI_VERSION {
            return Err(format!("the model has ABI version {}, this program {ABI_VERSION}", api.abi_version));
        }
        let mut result = Model { api, model: null_mut(), context: null_mut() };
        let mut why = [0 as c_char; ERROR_BYTES];
        // SAFETY: all pointers are valid for the calls; messages end with a zero.
        unsafe {
            if (api.open)(library, null(), &mut result.model, why.as_mut_ptr(), ERROR_BYTES) != 0
                || (api.context_create)(result.model, null(), &mut result.context, why.as_mut_ptr(), ERROR_BYTES) != 0
            {
                return Err(CStr::from_ptr(why.as_ptr()).to_string_lossy().into_owned());
            }
        }
        Ok(result)
    }

    fn run(&mut self, inputs: &[Tensor], outputs: &mut [Tensor]) -> Result<(), String> {
        // SAFETY: tensors point to memory of the stated capacity, which the model checks.
        let status = unsafe {
            (self.api.run)(self.context, inputs.as_ptr(), inputs.len() as u32, outputs.as_mut_ptr(), outputs.len() as u32)
        };
        if status == 0 {
            return Ok(());
        }
        // SAFETY: the message is valid until the next call.
        Err(unsafe { CStr::from_ptr((self.api.error)(self.context)) }.to_string_lossy().into_owned())
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: both are handles of this table, or null, which is left alone.
        unsafe {
            if !self.context.is_null() {
                (self.api.context_destroy)(self.context);
            }
            if !self.model.is_null() {
                (self.api.close)(self.model);
            }
        }
    }
}

fn main() -> Result<(), String> {
    // SAFETY: the function takes nothing and returns a constant.
    let mut model = Model::open(unsafe { projector_library() })?;
    let mut x: Vec<f32> = (0..16).map(|i| i as f32 / 8.0 - 1.0).collect();
    let mut y = vec![0f32; 16];
    let inputs = [Tensor::new(&mut x, &[2, 8])];
    let mut outputs = [Tensor::new(&mut y, &[2, 8])];
    model.run(&inputs, &mut outputs)?;
    for row in y.chunks(8) {
        println!("{}", row.iter().map(|value| format!("{value:.6}")).collect::<Vec<_>>().join(" "));
    }
    // What is wrong is said, not undefined.
    let refused = model.run(&[Tensor::new(&mut x[..8], &[2, 8])], &mut outputs);
    println!("refused: {}", refused.expect_err("the buffer is too small"));
    Ok(())
}
