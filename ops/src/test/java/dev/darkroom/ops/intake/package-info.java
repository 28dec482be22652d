/// The worker's queue against a real broker.
@NullMarked
package dev.darkroom.ops.intake;

import org.jspecify.annotations.NullMarked;
