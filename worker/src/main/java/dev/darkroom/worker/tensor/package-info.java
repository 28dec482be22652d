/// Shape-checked tensors on direct memory: pure Java, no native types.
///
/// Axes are named once, here, and mean the same everywhere: `B` batch, `C` channels, `T` tokens or
/// frames, `H` and `W` pixels, `h` and `w` latent cells. Tensors are dense and row-major, so that
/// row `i` of axis `B` is one contiguous run of elements.
@NullMarked
package dev.darkroom.worker.tensor;

import org.jspecify.annotations.NullMarked;
