/// Pictures, sound and frames: their encoders, and the provenance that every output carries.
@NullMarked
package dev.darkroom.worker.media;

import org.jspecify.annotations.NullMarked;
