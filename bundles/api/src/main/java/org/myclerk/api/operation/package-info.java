/**
 * Operations, declared once: their codes, payloads, needs, and what a bundle implements to serve them (§6).
 */
@Export
@Version("1.1.0")
package org.myclerk.api.operation;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
