/** Durable state of a node. */
@Export
@Version("1.0.0")
package org.myclerk.api.store;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
