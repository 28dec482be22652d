/// One file per model family and task; the body of each reads as the lifecycle.
@NullMarked
package dev.darkroom.worker.pipeline;

import org.jspecify.annotations.NullMarked;
