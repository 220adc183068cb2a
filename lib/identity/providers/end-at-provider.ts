import { ProviderFault, providerMetadata } from "@/lib/identity/providers/provider-metadata";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/**
 * The address where somebody ends their session at a provider and returns to the sign-in page (OpenID Connect
 * RP-Initiated Logout 1.0, section 2). The provider asks them to confirm, since no ID token is kept that would vouch
 * for the request. Null if the provider does not support this, or cannot be reached now.
 */
export async function endAtProvider(provider: IdentityProvider, publicUrl: string): Promise<string | null> {
  try {
    const { end_session_endpoint } = await providerMetadata(provider);
    if (end_session_endpoint === undefined) return null;
    const address = new URL(end_session_endpoint);
    address.searchParams.set("client_id", provider.clientId);
    address.searchParams.set("post_logout_redirect_uri", `${publicUrl}/sign-in`);
    return address.toString();
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    return null;
  }
}
