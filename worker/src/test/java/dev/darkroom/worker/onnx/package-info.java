/// Tests of the ONNX Runtime binding, over real small graphs.
@NullMarked
package dev.darkroom.worker.onnx;

import org.jspecify.annotations.NullMarked;
