/// Proof that models and schedulers make what the reference library makes: a folder of recorded
/// cases is run again on a device of this process, and compared number by number.
///
/// A folder holds `models*/<family>/` (model folders), `cases/<family>/<case>.json` and
/// `.safetensors` (a job in short form, and what the reference computed for it), `inputs/`
/// (pictures that jobs name) and `schedulers/<case>.safetensors` (what a scheduler makes of fixed
/// model outputs). Each of them may be absent.
@NullMarked
package dev.darkroom.ops.parity;

import org.jspecify.annotations.NullMarked;
