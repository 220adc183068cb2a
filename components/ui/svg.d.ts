/** The form that Next.js gives to an imported picture: a file of the build, with its hash in the name. */
declare module "*.svg" {
  const picture: { readonly src: string };
  export default picture;
}
