/// Tests of the device lane.
@NullMarked
package dev.darkroom.worker.device;

import org.jspecify.annotations.NullMarked;
