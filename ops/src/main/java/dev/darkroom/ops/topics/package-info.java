/// The one place that creates topics and sets share-group configuration; workers only check them.
@NullMarked
package dev.darkroom.ops.topics;

import org.jspecify.annotations.NullMarked;
