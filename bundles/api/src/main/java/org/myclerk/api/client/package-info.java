/** Calling other nodes, from a bundle or from a program of one's own. */
@Export
@Version("1.0.0")
package org.myclerk.api.client;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
