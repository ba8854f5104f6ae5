/** The node itself: its peers, sessions, family and invitations. */
@Export
@Version("1.0.0")
package org.myclerk.api.node;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
