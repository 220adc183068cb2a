import { toString as qrCode } from "qrcode";

/** The key of a new authenticator app as a form shows it: as text, as an address, and as an image. */
export async function keyToShow({ secret, uri }: { readonly secret: string; readonly uri: string }) {
  return { secret, uri, image: await qrCode(uri, { type: "svg", margin: 2 }) };
}
