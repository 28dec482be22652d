/// Tests of the command `parity`, and the project's own cases, tried by it.
@NullMarked
package dev.darkroom.ops.parity;

import org.jspecify.annotations.NullMarked;
