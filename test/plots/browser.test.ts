/** What a browser says of all pictures: one of them for all, since it takes a second to begin. */
import { checkDiagrams } from './support/diagrams-in-browser';
import { checkPictures } from './support/pictures-in-browser';

checkDiagrams();
checkPictures();
